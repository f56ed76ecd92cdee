"""Addresses of review sets."""

from django.urls import path

from . import review_desk, review_files, reviews

urlpatterns = [
    path("", reviews.index, name="reviews"),
    path("new/", reviews.new, name="review_new"),
    path("count/", reviews.count, name="review_count"),
    path("<int:pk>/", reviews.detail, name="review_set"),
    path("<int:pk>/results/", reviews.results, name="review_results"),
    path("<int:pk>/next/", review_desk.following, name="review_next"),
    path("<int:pk>/items/<int:position>/", review_desk.item, name="review_item"),
    path("<int:pk>/undo/", review_desk.take_back, name="review_undo"),
    path("<int:pk>/file/", review_files.download, name="review_file"),
    path("<int:pk>/import/", review_files.send, name="review_send"),
    path("<int:pk>/import/<str:token>/", review_files.preview, name="review_import"),
    path("<int:pk>/import/<str:token>/discard/", review_files.discard, name="review_discard"),
]
