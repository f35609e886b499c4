-- storekeeping
SELECT 1;
