"""Large instances cut into districts, solved side by side, joined and proven as one."""
