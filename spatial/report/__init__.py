"""What people take away from a screening: tables, Excel, Word."""
