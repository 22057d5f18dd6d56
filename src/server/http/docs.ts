import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { packageVersion } from '../../version.js';

/** Adds `/openapi.json` and a page to try it at `/docs`. They show nothing of the model. */
export async function addDocs(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Seesaw',
        description: 'Recommendations of a model that was trained by alternating least squares.',
        version: packageVersion,
      },
      tags: [{ name: 'lists' }, { name: 'feedback' }, { name: 'operation' }],
      servers: [{ url: app.prefix || '/' }],
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
      security: [{}, { token: [] }],
    },
    stripBasePath: true,
  });
  app.get('/openapi.json', { config: { access: 'open' }, schema: { hide: true } }, async () =>
    app.swagger(),
  );
  await app.register(async (page) => {
    page.addHook('onRoute', (route) => {
      route.config = { ...route.config, access: 'open' };
    });
    await page.register(swaggerUi, { routePrefix: '/docs', uiConfig: { deepLinking: true } });
  });
}
