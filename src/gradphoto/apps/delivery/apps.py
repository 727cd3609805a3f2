from django.apps import AppConfig


class DeliveryConfig(AppConfig):
    name = "gradphoto.apps.delivery"
    label = "delivery"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from gradphoto.apps.delivery import agenda, jobs, lists, totals  # noqa: F401 - register dates, handlers, lists
        from gradphoto.apps.delivery.queries import went_out_with
        from gradphoto.apps.makeup.providers import tell_carrier

        tell_carrier(went_out_with)
