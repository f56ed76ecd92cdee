"""Loaded before Django's settings: every test session gets a data folder of its own and leaves nothing in `var/`."""

import atexit
import os
import shutil
import tempfile

folder = tempfile.mkdtemp(prefix="assay-test-")
atexit.register(shutil.rmtree, folder, ignore_errors=True)
os.environ["ASSAY_DATA_DIR"] = folder
os.environ["DATABASE_URL"] = ""
# Playwright's synchronous interface runs an event loop in the test's thread, where Django would refuse to ask the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
