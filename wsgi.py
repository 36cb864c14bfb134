"""The application as a server and ``flask --app wsgi`` see it."""

import os
import sys

from config import BadConfig, Config
from meetings import create_app

try:
    app = create_app(Config.from_environ(os.environ))
except BadConfig as bad:
    sys.exit(f"The configuration cannot be used:\n{bad}")
