"""Loaded before Django's settings: every test session gets a data folder of its own and leaves nothing in `var/`."""

import atexit
import os
import shutil
import tempfile

from hypothesis import settings

folder = tempfile.mkdtemp(prefix="assay-test-")
atexit.register(shutil.rmtree, folder, ignore_errors=True)
os.environ["ASSAY_DATA_DIR"] = folder
# SQLite, unless somebody names a PostgreSQL server whose databases named test_… may be made and dropped.
os.environ["DATABASE_URL"] = os.environ.get("ASSAY_TEST_DATABASE_URL", "")
# Playwright's synchronous interface runs an event loop in the test's thread, where Django would refuse to ask the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

# Continuous integration judges a change by the same examples every time; at the desk each run looks for new ones.
# Neither has a deadline: a busy machine would fail what is right.
settings.register_profile("desk", deadline=None)
settings.register_profile("integration", deadline=None, derandomize=True)
settings.load_profile("integration" if os.environ.get("CI") else "desk")
