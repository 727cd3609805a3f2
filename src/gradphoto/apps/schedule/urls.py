"""Addresses of the schedule app."""

from django.urls import path

from gradphoto.apps.schedule import board_views, group_views, lists, notice_views, place_views, station_views, views
from gradphoto.apps.schedule.leaflets import views as leaflets

app_name = "schedule"
urlpatterns = [
    path("", views.slot_list, name="list"),
    path("make/", views.make, name="make"),
    path("export/", lists.SLOTS.export, name="export"),
    path("annex-1/", views.annex_one, name="annex_one"),
    path("annex-5/", views.annex_five, name="annex_five"),
    path("calendar/<int:pk>/", views.calendar, name="calendar"),
    path("slots/<int:pk>/", views.slot_detail, name="slot"),
    path("board/", board_views.board, name="board"),
    path("board/<int:pk>/search/", board_views.search, name="search"),
    path("board/<int:pk>/place/", board_views.place, name="place"),
    path("board/<int:pk>/undo/", board_views.undo, name="undo"),
    path("proposals/<int:pk>/accept/", board_views.accept, name="accept"),
    path("slots/<int:pk>/move/", board_views.move, name="move"),
    path("slots/<int:pk>/lock/", board_views.lock, name="lock"),
    path("slots/<int:pk>/aside/", board_views.aside, name="aside"),
    path("rooms/", place_views.rooms, name="rooms"),
    path("rooms/<int:pk>/", place_views.room, name="room"),
    path("rooms/<int:pk>/late/", board_views.late, name="late"),
    path("teams/<int:pk>/drop/", place_views.drop_team, name="drop_team"),
    path("wishes/<int:pk>/drop/", place_views.drop_wish, name="drop_wish"),
    path("staff/", place_views.staff, name="staff"),
    path("staff/<int:pk>/release/", place_views.release, name="release"),
    path("bookings/", notice_views.bookings, name="bookings"),
    path("stations/", station_views.station_page, name="stations"),
    path("stations/table/", station_views.point_table, name="point_table"),
    path("province/", notice_views.province, name="province"),
    path("notices/", notice_views.notices, name="notices"),
    path("class/<str:token>/", notice_views.class_page, name="class"),
    path("class/<str:token>/leaflet/", leaflets.class_leaflet, name="class_leaflet"),
    path("class/<str:token>/leaflet.pdf", leaflets.class_leaflet_pdf, name="class_leaflet_pdf"),
    path("class/<str:token>/flow/", leaflets.class_flow, name="class_flow"),
    path("class/<str:token>/flow.pdf", leaflets.class_flow_pdf, name="class_flow_pdf"),
    path("papers/", leaflets.hub, name="papers"),
    path("papers/leaflet/", leaflets.leaflet, name="leaflet"),
    path("papers/leaflets/<int:pk>/", leaflets.department_leaflets, name="department_leaflets"),
    path("papers/flow/", leaflets.flow, name="flow"),
    path("papers/duty/<int:pk>/", leaflets.duty_list, name="duty_list"),
    path("papers/scene/<int:pk>/", leaflets.registration, name="scene_form"),
    path("papers/sign/<int:pk>/", leaflets.door, name="room_sign"),
    path("papers/readiness/", leaflets.readiness_papers, name="readiness_papers"),
    path("papers/readiness/<int:pk>/", leaflets.readiness_paper, name="readiness_paper"),
    path("group-photos/", group_views.group_list, name="group_photos"),
    path("group-photos/<int:pk>/", group_views.group_photo, name="group_photo"),
]
