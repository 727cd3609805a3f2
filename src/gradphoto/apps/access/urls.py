"""Sign-in, proofs and second factors under /accounts/: what is opened of allauth, and nothing else of it."""

from allauth.account import views as allauth_views
from django.urls import include, path

from gradphoto.apps.access import my_account, school, views

urlpatterns = [
    path("mine/", my_account.mine, name="account_mine"),
    path("login/", views.sign_in, name="account_login"),
    path("school/login/", school.sign_in, name="account_school"),
    path("school/link/", school.link, name="account_school_link"),
    path("school/unlink/", school.unlink, name="account_school_unlink"),
    path("<slug:provider_id>/callback/", school.callback, name="openid_connect_callback"),
    path("logout/", allauth_views.logout, name="account_logout"),
    path("password/", views.password, name="account_change_password"),
    path("reauthenticate/", allauth_views.reauthenticate, name="account_reauthenticate"),
    path("continue/<int:pk>/", views.go_on, name="account_continue"),
    path("sessions/end-others/", views.end_others, name="account_end_others"),
    path("sessions/<int:pk>/end/", views.end_one, name="account_end_session"),
    path("second-factor/webauthn/login/", views.sign_in_with_passkey, name="mfa_login_webauthn"),
    path("second-factor/webauthn/keys/<int:pk>/remove/", views.remove_passkey, name="mfa_remove_webauthn"),
    path("second-factor/", include("allauth.mfa.urls")),
]
