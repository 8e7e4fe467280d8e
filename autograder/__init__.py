"""What instructors run: build the notebooks, grade a class, write the feedback."""
