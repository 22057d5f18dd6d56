/* A program of its own: trains on ratings.csv of the folder, saves, loads, prints a user's list. */
import { fromFile, loadModel, threads, trainModel } from '../../../src/index.js';

const options = { rank: 8, iterations: 3, kernel: 'wasm-simd128', placement: threads(2) } as const;
const model = await trainModel(fromFile('ratings.csv'), options);
await model.save('model');
console.log(JSON.stringify((await loadModel('model')).recommend('u1', { count: 5 })));
