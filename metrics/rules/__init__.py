"""Pure rules of measurement: what a metric is, how days fall into periods."""
