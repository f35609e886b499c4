-- allocation_asking
SELECT 1;
