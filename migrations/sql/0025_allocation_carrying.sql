-- allocation_carrying
SELECT 1;
