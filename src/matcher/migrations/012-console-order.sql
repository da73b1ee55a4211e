-- The order of images by the time of their index, as the list asks for it.
create index console_image_indexed_order on console_image (coalesce(indexed, 'epoch'), id);
