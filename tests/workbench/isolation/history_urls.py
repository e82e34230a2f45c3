"""The addresses of a workspace, and with them images in Wagtail's generic views, whose history we do not list ourselves."""

from django.urls import include, path
from wagtail.admin.views.generic import IndexView
from wagtail.admin.viewsets.model import ModelViewSet

from tilth.workbench.config.workspace_urls import handler404, handler500, urlpatterns
from tilth.workbench.shell.models import WorkspaceImage

__all__ = ["handler404", "handler500"]


class Listed(IndexView):
    """A list narrowed to the workspace in the way that Wagtail's documentation shows."""

    def get_base_queryset(self):
        return super().get_base_queryset().filter(workspace=self.request.workspace)


class Images(ModelViewSet):
    """Wagtail's own lists, forms and history of images."""

    model = WorkspaceImage
    index_view_class = Listed
    form_fields = ("title",)


viewset = Images("shell-tried")
urlpatterns = [path("tried/", include((viewset.get_urlpatterns(), "shell-tried"))), *urlpatterns]
