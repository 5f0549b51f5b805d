"""What makes a finding of a number: pure, with the reason of every threshold."""
