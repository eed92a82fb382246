/** Where a picture in a post is, in one of the two sizes it is kept in: whoever may not see the post has none. */
export const pictureAddress = (id: string, size: 640 | 1600): string => `/api/v1/pictures/${id}/${size}`;
