#!/usr/bin/env node
import { Command } from 'commander';
import { packageVersion } from '../version.js';
import { addCommands } from './commands.js';
import { describeFailure, exitStatusOf } from './exit-status.js';
import { guardOutput } from './guard-output.js';
import { helpStyle } from './help-text.js';
import { tolerateClosedPipes } from './interruption.js';
import { proseColumns, wrapText } from './wrap-text.js';

const program = new Command('seesaw')
  .description('Recommendations from ratings, by alternating least squares.')
  .version(packageVersion)
  .option('--verbose', 'show where an error comes from (also: DEBUG=seesaw)')
  .configureHelp(helpStyle)
  .exitOverride()
  .showHelpAfterError('(see --help)')
  .configureOutput({
    outputError: (text, write) =>
      write(
        text
          .replace(/^error: /, 'seesaw: ')
          // A password may follow a misspelt flag.
          .replace(/(unknown option '[^'=]*)=.*'/s, "$1'"),
      ),
  })
  .addHelpText('after', "\nStart with 'seesaw train ratings.csv', or 'seesaw train --help'.");

tolerateClosedPipes();
guardOutput(process.stdout);
guardOutput(process.stderr);
try {
  await addCommands(program, process.argv.slice(2));
  await program.parseAsync();
} catch (error) {
  const isVerbose = program.opts().verbose === true || process.env.DEBUG === 'seesaw';
  const message = describeFailure(error, isVerbose);
  if (message !== undefined) {
    const columns = proseColumns(process.stderr);
    process.stderr.write(`${wrapText(message, { columns, indent: 2 })}\n`);
  }
  // Not process.exit: open resources get the time to close.
  process.exitCode = exitStatusOf(error);
}
