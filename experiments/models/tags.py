"""Words that people attach to things in order to find them again."""

from functools import reduce
from operator import or_

from django.db import models
from django.db.models import Q

from ..domain.errors import InvalidInput

LONGEST_TAG = 40


class TagQuerySet(models.QuerySet):
    def of(self, kind: str, user):
        """Tags on what the user may know of; `kind` is their relation to it, such as “runs”."""
        things = self.model._meta.get_field(kind).related_model.objects
        seen = things.visible_to(user) if hasattr(things, "visible_to") else things.all()
        return self.filter(**{f"{kind}__in": seen.order_by().values("pk")}).distinct()

    def visible_to(self, user):
        """Tags on anything that the user may know of."""
        kinds = [field.get_accessor_name() for field in self.model._meta.related_objects]
        return self.filter(reduce(or_, (Q(pk__in=self.of(kind, user).order_by().values("pk")) for kind in kinds)))


class Tag(models.Model):
    """One word or short phrase, in lower case. It exists as long as something carries it."""

    name = models.CharField(max_length=LONGEST_TAG, unique=True)

    objects = TagQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Tagged(models.Model):
    """What can carry tags."""

    tags = models.ManyToManyField(Tag, blank=True, related_name="%(class)ss")

    class Meta:
        abstract = True

    def tag(self, words: str) -> list[str]:
        """Attach every tag of a list with commas; returns their names. Raises InvalidInput for one that is too long."""
        names = [name for word in words.split(",") if (name := " ".join(word.split()).lower())]
        if long := [name for name in names if len(name) > LONGEST_TAG]:
            raise InvalidInput(f"The tag “{long[0]}” is longer than {LONGEST_TAG} characters; nothing was tagged.")
        self.tags.add(*(Tag.objects.get_or_create(name=name)[0] for name in names))
        return names

    def untag(self, name: str) -> None:
        """Take a tag off; a tag that nothing carries any more is gone."""
        tag = self.tags.filter(name=name).first()
        if tag is None:
            return
        self.tags.remove(tag)
        kinds = [field.get_accessor_name() for field in Tag._meta.related_objects]
        if not any(getattr(tag, kind).exists() for kind in kinds):
            tag.delete()
