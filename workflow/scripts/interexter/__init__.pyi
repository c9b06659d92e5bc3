from .injection import inject as inject  # type: ignore[attr-defined]
from .scoring.intervals import share_interval as share_interval  # type: ignore[import-not-found]
from .scoring.metrics import METRICS as METRICS
from .scoring.significance import paired_difference as paired_difference  # type: ignore[attr-defined]
from .text.abstention import abstains as abstains  # type: ignore[import-not-found]
from .text.final_answers import final_answer as final_answer  # type: ignore[import-not-found]
from .text.labels import label as label
from .text.matching import holds as holds

__version__: str
