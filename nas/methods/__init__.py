"""What the later chapters add to one-shot search: samplers that learn, remedies, teachers, search, export."""
