-- allocation_hand
SELECT 1;
