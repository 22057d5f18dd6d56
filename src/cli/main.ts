#!/usr/bin/env node
import { guardOutput } from './guard-output.js';
import { tolerateClosedPipes } from './interruption.js';
import { runCommand } from './run-command.js';

tolerateClosedPipes();
guardOutput(process.stdout);
guardOutput(process.stderr);
const status = await runCommand(process.argv.slice(2));
// Not process.exit: open resources get the time to close.
if (status !== 0) process.exitCode = status;
