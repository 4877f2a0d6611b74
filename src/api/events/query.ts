import Joi from 'joi';
import { PROJECT } from '../openapi/examples.ts';

export const eventsQuerySchema = Joi.object<{ project?: string }>({
  project: Joi.string()
    .guid()
    .description('Only of this project; otherwise of all that you may see')
    .example(PROJECT),
});
