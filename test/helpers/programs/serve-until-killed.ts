/*
 * Serves a small model with the log in the folder of the first argument, until it is killed. Prints
 * its address.
 */
import { createService } from '../../../src/server/create-service.js';
import { smallModel } from '../builders/models.js';

const service = await createService(smallModel(), { log: process.argv[2]! });
const { url } = await service.listen({ port: 0, host: '127.0.0.1' });
process.stdout.write(`${url}\n`);
