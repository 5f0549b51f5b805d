"""What is out of the ordinary: row by row in any series, and as incidents of daily metrics.

detector   a score and a flag for each row, from earlier rows alone
incidents  flagged days of many lines, grouped, with the money at stake
"""

from analytics.anomalies.detector import THRESHOLD, detect
from analytics.anomalies.incidents import Limits, watch
from analytics.anomalies.results import Detection, Incident, Storm

__all__ = ["THRESHOLD", "Detection", "Incident", "Limits", "Storm", "detect", "watch"]
