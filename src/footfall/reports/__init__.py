"""Reports: the numbers of a board or an insight, told every day, week or month, by channels of alerts."""
