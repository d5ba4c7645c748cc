import { Tooltip } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useMe } from '../../features/session/session-context.js';
import { MENU_GROUPS, type PageEntry, pagesFor } from '../pages.js';

/** The pages that exist and that the person's role may open, in their groups. */
export function SideMenu({ isIconsOnly }: { readonly isIconsOnly: boolean }) {
  const pages = pagesFor(useMe().role);
  return (
    <nav className="menu" aria-label="Pages" data-icons-only={isIconsOnly}>
      {MENU_GROUPS.map((group) => {
        const inGroup = pages.filter((page) => page.group === group);
        if (inGroup.length === 0) return null;
        return (
          <section key={group} aria-label={group}>
            <p className="menu-group" aria-hidden>
              {group}
            </p>
            <ul>
              {inGroup.map((page) => (
                <li key={page.path}>
                  <MenuLink page={page} isIconOnly={isIconsOnly} />
                </li>
              ))}
            </ul>
          </section>
        );
      })}
    </nav>
  );
}

function MenuLink({ page: { path, label, icon: Icon }, isIconOnly }: { page: PageEntry; isIconOnly: boolean }) {
  return (
    <Tooltip label={label} position="right" disabled={!isIconOnly}>
      <Link to={path} className="menu-link" activeOptions={{ exact: path === '/', includeSearch: false }}>
        <Icon size={18} aria-hidden />
        <span className={isIconOnly ? 'unseen' : undefined}>{label}</span>
      </Link>
    </Tooltip>
  );
}
