"""What pages of upper floors show of campaigns."""
