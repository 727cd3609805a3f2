"""How many people stand where, kept by the database in the transaction of every change; ``facts`` says when, ``keeping`` how."""
