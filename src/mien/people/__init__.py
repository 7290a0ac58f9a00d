"""Who is who: figures and decisions → people."""
