"""What people look at in a browser: pages, and the verifier that checks an answer there."""
