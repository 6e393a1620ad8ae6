"""How the holders of numbers stand, told to others by token and prefix: off unless the operator turns it on."""
