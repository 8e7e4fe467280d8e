"""The untrusted side, mounted whole beside students' code: it holds no answer."""
