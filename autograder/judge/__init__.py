"""The trusted side: a submission goes in, points and reports come out."""
