import { z } from 'zod';

// The content security policy of the page permits no code made of text; without this zod would try, and each try would
// be reported as a violation. It has to be set before the first schema is made, so it is imported first.
z.config({ jitless: true });
