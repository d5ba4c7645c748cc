import { createContext, type MouseEvent, type ReactNode, useContext } from 'react';
import { Anchor } from '@mantine/core';

const OpenHref = createContext<((href: string) => void) | null>(null);

/** Gives the links of this library the app's router; without it they are plain links. */
export const LinkProvider = OpenHref.Provider;

interface TextLinkProps {
  /** A path of this app with its search, such as `/runs?status=failed`. */
  readonly href: string;
  readonly children: ReactNode;
}

/** A link inside the app that does not load the page anew; opening it in a new tab works as with every link. */
export function TextLink({ href, children }: TextLinkProps) {
  const open = useContext(OpenHref);
  const follow = (event: MouseEvent<HTMLAnchorElement>): void => {
    if (!open || !isPlainClick(event)) return;
    event.preventDefault();
    open(href);
  };
  return (
    <Anchor href={href} onClick={follow} inherit underline="always">
      {children}
    </Anchor>
  );
}

function isPlainClick({ button, metaKey, ctrlKey, shiftKey, altKey }: MouseEvent): boolean {
  return button === 0 && !metaKey && !ctrlKey && !shiftKey && !altKey;
}
