//! The image that a camera draws into, and its bytes.

use bevy::asset::RenderAssetUsages;
use bevy::prelude::*;
use bevy::render::RenderApp;
use bevy::render::render_asset::RenderAssets;
use bevy::render::render_resource::{
    Buffer, BufferDescriptor, BufferUsages, CommandEncoderDescriptor, Extent3d, MapMode, PollType,
    TexelCopyBufferInfo, TexelCopyBufferLayout, TextureFormat, TextureUsages,
};
use bevy::render::renderer::{RenderDevice, RenderQueue};
use bevy::render::texture::GpuImage;

/// Red, green, blue and opacity.
const CHANNELS: usize = 4;

/// A picture on its way from the driver.
pub(crate) struct Readback {
    pub(crate) image: Handle<Image>,
    size: UVec2,
    buffer: Buffer,
}

impl Readback {
    /// Makes an image of this size to draw into.
    pub(crate) fn new(world: &mut World, size: UVec2) -> Self {
        let mut image =
            Image::new_target_texture(size.x, size.y, TextureFormat::Rgba8UnormSrgb, None);
        image.texture_descriptor.usage |= TextureUsages::COPY_SRC;
        image.asset_usage = RenderAssetUsages::RENDER_WORLD;
        let image = world.resource_mut::<Assets<Image>>().add(image);
        let buffer = world.resource::<RenderDevice>().create_buffer(&BufferDescriptor {
            label: None,
            size: (row_bytes(size.x) * size.y as usize) as u64,
            usage: BufferUsages::MAP_READ | BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        Self { image, size, buffer }
    }

    /// Red, green and blue of what was drawn last, row by row from the top; `None` if nothing was drawn
    /// yet, or the driver has gone.
    pub(crate) fn read(&self, app: &App) -> Option<Vec<u8>> {
        let world = app.get_sub_app(RenderApp)?.world();
        let drawn = world.resource::<RenderAssets<GpuImage>>().get(&self.image)?;
        let device = world.resource::<RenderDevice>();
        let mut encoder = device.create_command_encoder(&CommandEncoderDescriptor::default());
        let layout = TexelCopyBufferLayout {
            offset: 0,
            bytes_per_row: Some(row_bytes(self.size.x) as u32),
            rows_per_image: None,
        };
        encoder.copy_texture_to_buffer(
            drawn.texture.as_image_copy(),
            TexelCopyBufferInfo { buffer: &self.buffer, layout },
            Extent3d { width: self.size.x, height: self.size.y, depth_or_array_layers: 1 },
        );
        world.resource::<RenderQueue>().submit([encoder.finish()]);
        let slice = self.buffer.slice(..);
        let (sender, receiver) = std::sync::mpsc::channel();
        slice.map_async(MapMode::Read, move |mapped| {
            // Whoever waited may have given up.
            let _heard = sender.send(mapped.is_ok());
        });
        device.poll(PollType::wait_indefinitely()).ok()?;
        receiver.recv().ok().filter(|is_mapped| *is_mapped)?;
        let pixels = unpadded(&slice.get_mapped_range(), self.size);
        self.buffer.unmap();
        Some(pixels)
    }
}

/// Bytes of a row, which drivers want to be a multiple of 256.
fn row_bytes(width: u32) -> usize {
    RenderDevice::align_copy_bytes_per_row(width as usize * CHANNELS)
}

/// Drops opacity, and what rows are padded with.
fn unpadded(bytes: &[u8], size: UVec2) -> Vec<u8> {
    let rows = bytes.chunks(row_bytes(size.x)).take(size.y as usize);
    let pixels = rows.flat_map(|row| row.chunks(CHANNELS).take(size.x as usize));
    pixels.flat_map(|pixel| &pixel[..3]).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_and_opacity_are_dropped() {
        // Two rows of one pixel, each padded to 256 bytes.
        let mut bytes = vec![9; 512];
        bytes[..4].copy_from_slice(&[1, 2, 3, 255]);
        bytes[256..260].copy_from_slice(&[4, 5, 6, 255]);
        assert_eq!(unpadded(&bytes, UVec2::new(1, 2)), [1, 2, 3, 4, 5, 6]);
    }
}
