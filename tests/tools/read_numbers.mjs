// One number a line in, its Vietnamese words out.
import { createInterface } from "node:readline";
import { doReadNumber, ReadingConfig } from "read-vietnamese-number";

const config = new ReadingConfig();
config.unit = ["đồng"];
for await (const line of createInterface({ input: process.stdin })) {
  console.log(doReadNumber(line, config));
}
