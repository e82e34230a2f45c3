"""The web product: a Django project on Wagtail's admin. Shared apps from the ground up, then one app a function of the profession."""
