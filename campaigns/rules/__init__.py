"""Pure rules of campaigns: how an experiment must be designed, and what files of readings say."""
