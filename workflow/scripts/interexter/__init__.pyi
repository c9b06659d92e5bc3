from .injection import inject as inject
from .scoring.intervals import share_interval as share_interval
from .scoring.metrics import METRICS as METRICS
from .scoring.significance import paired_difference as paired_difference
from .text.abstention import abstains as abstains
from .text.final_answers import final_answer as final_answer
from .text.labels import label as label
from .text.matching import holds as holds

__version__: str
