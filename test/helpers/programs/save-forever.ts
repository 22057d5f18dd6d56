import { smallModel } from '../builders/models.js';

// Saves two models over each other until it is killed, and prints a line for each.
const [, , folder] = process.argv;
const models = [smallModel(), smallModel({ userIds: ['x', 'y', 'z'] })];
for (;;) {
  for (const model of models) {
    await model.save(folder!);
    process.stdout.write('saved\n');
  }
}
