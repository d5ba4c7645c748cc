-- OperationsDB of the AstroBookings platform: the tables that AgencyAPI, BookingAPI and FinanceAPI write.

CREATE TABLE public.travelers (
  user_id text CONSTRAINT travelers_pk PRIMARY KEY,
  contact_phone text,
  contact_email text NOT NULL,
  emergency_contact text,
  travel_preferences json
);

CREATE TABLE public.agencies (
  user_id text CONSTRAINT agencies_pk PRIMARY KEY,
  description text,
  contact_info text,
  contact_email text NOT NULL,
  legal_name text NOT NULL,
  legal_tax_id text NOT NULL CONSTRAINT agencies_tax_id_unique UNIQUE,
  legal_address text
);

CREATE TABLE public.rockets (
  id text CONSTRAINT rockets_pk PRIMARY KEY,
  agency_id text NOT NULL,
  name text NOT NULL,
  capacity integer NOT NULL CONSTRAINT rockets_capacity_positive CHECK (capacity > 0),
  range text NOT NULL CONSTRAINT rockets_range_known CHECK (range IN ('low_earth', 'moon', 'mars'))
);

CREATE TABLE public.launches (
  id text CONSTRAINT launches_pk PRIMARY KEY,
  agency_id text NOT NULL,
  rocket_id text NOT NULL,
  date timestamptz NOT NULL,
  destination text NOT NULL,
  price_per_seat numeric(12, 2) NOT NULL CONSTRAINT launches_price_positive CHECK (price_per_seat > 0),
  status text NOT NULL CONSTRAINT launches_status_known
    CHECK (status IN ('scheduled', 'confirmed', 'launched', 'delayed', 'aborted'))
);

CREATE TABLE public.bookings (
  id text CONSTRAINT bookings_pk PRIMARY KEY,
  traveler_id text NOT NULL,
  launch_id text NOT NULL,
  number_of_seats integer NOT NULL CONSTRAINT bookings_seats_positive CHECK (number_of_seats > 0),
  total_price numeric(14, 2) NOT NULL CONSTRAINT bookings_price_positive CHECK (total_price > 0),
  status text NOT NULL CONSTRAINT bookings_status_known CHECK (status IN ('pending', 'confirmed', 'canceled'))
);

CREATE TABLE public.invoices (
  id text CONSTRAINT invoices_pk PRIMARY KEY,
  number text NOT NULL CONSTRAINT invoices_number_unique UNIQUE,
  agency_id text NOT NULL,
  launch_id text NOT NULL,
  amount numeric(14, 2) NOT NULL CONSTRAINT invoices_amount_positive CHECK (amount > 0),
  issued_at timestamptz NOT NULL,
  status text NOT NULL CONSTRAINT invoices_status_known CHECK (status IN ('pending', 'paid', 'failed'))
);

CREATE TABLE public.payments (
  id text CONSTRAINT payments_pk PRIMARY KEY,
  invoice_id text NOT NULL,
  amount numeric(14, 2) NOT NULL CONSTRAINT payments_amount_positive CHECK (amount > 0),
  paid_at timestamptz NOT NULL
);

-- A deleted or moved booking must still name its launch, whose free seats change with it.
ALTER TABLE public.bookings REPLICA IDENTITY FULL;

-- Below: what is quicker to make when the rows are there.

CREATE INDEX rockets_agency_idx ON public.rockets (agency_id);
CREATE INDEX launches_agency_idx ON public.launches (agency_id);
CREATE INDEX launches_rocket_idx ON public.launches (rocket_id);
CREATE INDEX bookings_traveler_idx ON public.bookings (traveler_id);
CREATE INDEX bookings_launch_idx ON public.bookings (launch_id);
CREATE INDEX invoices_agency_idx ON public.invoices (agency_id);
CREATE INDEX invoices_launch_idx ON public.invoices (launch_id);
CREATE INDEX payments_invoice_idx ON public.payments (invoice_id);

ALTER TABLE public.rockets
  ADD CONSTRAINT rockets_agency_fk FOREIGN KEY (agency_id) REFERENCES public.agencies ON UPDATE CASCADE;
ALTER TABLE public.launches
  ADD CONSTRAINT launches_agency_fk FOREIGN KEY (agency_id) REFERENCES public.agencies ON UPDATE CASCADE,
  ADD CONSTRAINT launches_rocket_fk FOREIGN KEY (rocket_id) REFERENCES public.rockets ON UPDATE CASCADE;
ALTER TABLE public.bookings
  ADD CONSTRAINT bookings_traveler_fk FOREIGN KEY (traveler_id) REFERENCES public.travelers
    ON UPDATE CASCADE ON DELETE CASCADE,
  ADD CONSTRAINT bookings_launch_fk FOREIGN KEY (launch_id) REFERENCES public.launches ON UPDATE CASCADE;
ALTER TABLE public.invoices
  ADD CONSTRAINT invoices_agency_fk FOREIGN KEY (agency_id) REFERENCES public.agencies ON UPDATE CASCADE,
  ADD CONSTRAINT invoices_launch_fk FOREIGN KEY (launch_id) REFERENCES public.launches ON UPDATE CASCADE;
ALTER TABLE public.payments
  ADD CONSTRAINT payments_invoice_fk FOREIGN KEY (invoice_id) REFERENCES public.invoices
    ON UPDATE CASCADE ON DELETE CASCADE;
