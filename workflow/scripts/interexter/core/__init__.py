"""What every package stands on: errors, ids, files, tables, and how a program starts and ends."""
