// The verifier for browsers, in Node, on vectors: node verifier.mjs trust.json case.json... prints one JSON line a case.
import { readFileSync } from "node:fs";
import { judgeCase } from "./judge_case.mjs";

const [pinned, ...cases] = process.argv.slice(2).map((path) => JSON.parse(readFileSync(path, "utf8")));
for (const given of cases) console.log(JSON.stringify(judgeCase(given, pinned)));
