"""Who may do what: users with a role, and one-time login links."""

import hashlib
import secrets
from datetime import timedelta

from django.contrib.auth.models import AbstractUser
from django.core.validators import MinValueValidator
from django.db import models
from django.utils import timezone


class User(AbstractUser):
    """A person. Viewers read and export, editors also change and run, administrators also manage people and give consents."""

    class Role(models.TextChoices):
        VIEWER = "viewer", "Viewer"
        EDITOR = "editor", "Editor"
        ADMINISTRATOR = "administrator", "Administrator"

    role = models.CharField(max_length=16, choices=Role.choices, default=Role.VIEWER)
    daily_spending_cap = models.FloatField(
        null=True, blank=True, validators=[MinValueValidator(0)], help_text="For this person's runs; empty takes the lab's"
    )
    attempts_at_once = models.PositiveIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1)], help_text="Of this person's runs; empty takes the lab's"
    )
    basket = models.JSONField(
        default=list, blank=True, help_text="Conditions put aside to be compared, as “run.key”, the baseline first"
    )

    @property
    def can_edit(self) -> bool:
        return self.is_active and (self.role in (self.Role.EDITOR, self.Role.ADMINISTRATOR) or self.is_superuser)

    @property
    def can_administer(self) -> bool:
        return self.is_active and (self.role == self.Role.ADMINISTRATOR or self.is_superuser)


class LoginLinkQuerySet(models.QuerySet):
    def issue(self, user: User, minutes: int = 60) -> str:
        """Make a link's secret for `user`; only its hash is stored. Returns the secret, once."""
        secret = secrets.token_urlsafe(32)
        self.create(user=user, secret_hash=_hash(secret), expires_at=timezone.now() + timedelta(minutes=minutes))
        return secret

    def open(self, secret: str):
        """The link of this secret while it can still be used: at most one row."""
        return self.filter(secret_hash=_hash(secret), used_at=None, expires_at__gt=timezone.now())

    def redeem(self, secret: str) -> User | None:
        """The link's user, or None if it is unknown, used or expired. A link works once, also when two click at once."""
        link = self.open(secret).select_related("user").first()
        if link is None or not link.user.is_active or not self.open(secret).update(used_at=timezone.now()):
            return None
        return link.user


class LoginLink(models.Model):
    """A one-time way in, printed at the first start or handed to a new colleague."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="login_links")
    secret_hash = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    objects = LoginLinkQuerySet.as_manager()

    def __str__(self) -> str:
        return f"login link for {self.user}"


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
