import { Command } from 'commander';
import { packageVersion } from '../version.js';
import { addCommands } from './commands.js';
import { describeFailure, exitStatusOf } from './exit-status.js';
import { helpStyle } from './help-text.js';
import { refuseEmpty } from './refuse-empty.js';
import { proseColumns, wrapText } from './wrap-text.js';

/**
 * Does what a command line says, prints what comes of it and, on stderr, why it failed.
 *
 * @param args what follows the program's name
 * @returns the exit status
 */
export async function runCommand(args: readonly string[]): Promise<number> {
  const program = new Command('seesaw')
    .description('Recommendations from ratings, by alternating least squares.')
    .version(packageVersion)
    .option('--verbose', 'show where an error comes from (also: DEBUG=seesaw)')
    .configureHelp(helpStyle)
    .exitOverride()
    .hook('preAction', (_, command) => refuseEmpty(command))
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

  try {
    await addCommands(program, args);
    await program.parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    const isVerbose = program.opts().verbose === true || process.env.DEBUG === 'seesaw';
    const message = describeFailure(error, isVerbose);
    if (message !== undefined) {
      const columns = proseColumns(process.stderr);
      process.stderr.write(`${wrapText(message, { columns, indent: 2 })}\n`);
    }
    return exitStatusOf(error);
  }
}
