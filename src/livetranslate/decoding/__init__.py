"""What lies behind the door of `decode`: the decode processes, their walls, and the server's side of them."""
