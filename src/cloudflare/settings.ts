// The settings of the client.

import type { ApiSettings } from '../api-settings.ts';

export interface ClientSettings extends ApiSettings {
  userAgent: string;
}
