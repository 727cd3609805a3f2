"""Addresses of the campaigns app."""

from django.urls import path

from gradphoto.apps.campaigns import calendar_views, code_views, plan_views, rule_views, views

app_name = "campaigns"
urlpatterns = [
    path("", views.campaign_list, name="list"),
    path("calendar/", calendar_views.calendar_page, name="calendar"),
    path("calendar/days/", calendar_views.set_days, name="set_days"),
    path("calendar/days/clear/", calendar_views.clear_days, name="clear_days"),
    path("codes/", code_views.code_page, name="codes"),
    path("<int:pk>/", views.campaign_detail, name="detail"),
    path("<int:pk>/plan/", plan_views.plan_page, name="plan"),
    path("<int:pk>/rules/", rule_views.rules_page, name="rules"),
    path("<int:pk>/rules/separate/", rule_views.separate, name="separate_rules"),
    path("<int:pk>/rule/", rule_views.rule_page, name="rule"),
    path("<int:pk>/rule/withdraw/", rule_views.withdraw, name="withdraw_rule"),
    path("<int:pk>/contacts/", views.contacts, name="contacts"),
    path("<int:pk>/step/<slug:name>/", views.take_step, name="step"),
]
