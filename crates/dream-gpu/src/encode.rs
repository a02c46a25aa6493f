//! Works bound to pipelines and buffers, and their way into command buffers.

use dream_graph::{Dispatch, EngineError, Program};

use crate::{
    buffers::{Buffers, kept_words, scratch_words},
    device::Gpu,
    lower::{Target, lower},
    search::search_once,
    uniforms::Step,
    work::Work,
};

/// Dynamic offsets of uniforms are multiples of this.
const ALIGNMENT: usize = 256;

/// One value per segment of a program.
#[derive(Default)]
pub(crate) struct Segments<T> {
    pub prologue: T,
    pub enter: T,
    pub forward: T,
    pub backward: T,
    pub leave: T,
    pub ascent: T,
    pub epilogue: T,
}

/// A work with all that it needs to run.
pub(crate) struct Bound {
    pipeline: wgpu::ComputePipeline,
    group: wgpu::BindGroup,
    params: u32,
    has_step: bool,
    groups: [u32; 3],
    /// Its floating-point operations.
    pub flops: f64,
}

impl Segments<Vec<Work>> {
    /// Lowers all dispatches of a placed program.
    pub fn lower(program: &Program, target: Target) -> Result<Self, EngineError> {
        let works = |dispatches: &[Dispatch]| -> Result<Vec<Work>, EngineError> {
            let works: Result<Vec<_>, _> = dispatches.iter().map(|d| lower(d, target)).collect();
            Ok(works?.into_iter().flatten().collect())
        };
        let mut forward = works(&program.forward.dispatches)?;
        let mut backward = works(&program.backward)?;
        search_once(&mut forward, &mut backward);
        Ok(Self {
            prologue: works(&program.prologue)?,
            enter: works(&program.enter)?,
            forward,
            backward,
            leave: works(&program.leave)?,
            ascent: works(&program.ascent)?,
            epilogue: works(&program.epilogue)?,
        })
    }

    /// All works in order.
    pub fn all(&self) -> Vec<&Work> {
        let Self { prologue, enter, forward, backward, leave, ascent, epilogue } = self;
        let segments = [prologue, enter, forward, backward, leave, ascent, epilogue];
        segments.into_iter().flatten().collect()
    }

    /// Bytes of each scratch that they need.
    pub fn scratch_bytes(&self) -> impl Iterator<Item = u64> {
        scratch_words(&self.all()).into_iter().map(|words| 4 * words as u64)
    }

    /// Bytes that they keep within an iteration.
    pub fn kept_bytes(&self) -> u64 {
        4 * kept_words(&self.all()).sum::<usize>() as u64
    }

    /// Binds all works to pipelines and buffers.
    pub fn bind(
        &self,
        gpu: &Gpu,
        buffers: &mut Buffers,
    ) -> Result<Segments<Vec<Bound>>, EngineError> {
        let uniforms = uniforms(gpu, &self.all());
        let mut place = 0;
        let mut bind = |works: &[Work]| -> Result<Vec<Bound>, EngineError> {
            let bound = works.iter().map(|work| {
                let params = place;
                place += work.params.len().div_ceil(ALIGNMENT / 4) * ALIGNMENT;
                bind(gpu, buffers, &uniforms, params as u32, work)
            });
            bound.collect()
        };
        Ok(Segments {
            prologue: bind(&self.prologue)?,
            enter: bind(&self.enter)?,
            forward: bind(&self.forward)?,
            backward: bind(&self.backward)?,
            leave: bind(&self.leave)?,
            ascent: bind(&self.ascent)?,
            epilogue: bind(&self.epilogue)?,
        })
    }
}

impl Bound {
    /// Binds one work that belongs to no program.
    pub fn alone(gpu: &Gpu, buffers: &mut Buffers, work: &Work) -> Result<Self, EngineError> {
        bind(gpu, buffers, &uniforms(gpu, &[work]), 0, work)
    }
}

/// The uniforms of the steps of a burst.
pub(crate) struct Steps {
    buffer: wgpu::Buffer,
    group: wgpu::BindGroup,
}

impl Steps {
    /// Room for `count` steps.
    pub fn new(gpu: &Gpu, count: usize) -> Self {
        let buffer = uniform_buffer(gpu, "steps", (count * ALIGNMENT) as u64);
        let group = gpu.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("step"),
            layout: &gpu.pipelines().step(gpu),
            entries: &[entry(0, &buffer, Some(size_of::<Step>()))],
        });
        Self { buffer, group }
    }

    /// Steps that there is room for.
    pub fn capacity(&self) -> usize {
        self.buffer.size() as usize / ALIGNMENT
    }

    /// Uploads the steps of a burst.
    pub fn write(&self, gpu: &Gpu, steps: &[Step]) {
        let mut bytes = vec![0; steps.len() * ALIGNMENT];
        for (step, place) in steps.iter().zip(bytes.chunks_exact_mut(ALIGNMENT)) {
            place[..size_of::<Step>()].copy_from_slice(bytemuck::bytes_of(step));
        }
        gpu.queue.write_buffer(&self.buffer, 0, &bytes);
    }
}

/// Submits works in order, each with the index of its step, in as many command buffers as keep
/// each below `budget` operations.
pub(crate) fn submit(gpu: &Gpu, steps: &Steps, jobs: &[(&Bound, usize)], budget: f64) {
    let mut rest = jobs;
    while !rest.is_empty() {
        let mut flops = 0.0;
        let fitting = rest.iter().take_while(|(bound, _)| {
            flops += bound.flops;
            flops <= budget
        });
        let (now, later) = rest.split_at(fitting.count().max(1));
        let mut encoder = gpu.device.create_command_encoder(&Default::default());
        let mut pass = encoder.begin_compute_pass(&Default::default());
        for &(bound, step) in now {
            pass.set_pipeline(&bound.pipeline);
            pass.set_bind_group(0, &bound.group, &[bound.params]);
            if bound.has_step {
                pass.set_bind_group(1, &steps.group, &[(step * ALIGNMENT) as u32]);
            }
            let [x, y, z] = bound.groups;
            pass.dispatch_workgroups(x, y, z);
        }
        drop(pass);
        gpu.submit(encoder.finish());
        rest = later;
    }
}

fn bind(
    gpu: &Gpu,
    buffers: &mut Buffers,
    uniforms: &wgpu::Buffer,
    params: u32,
    work: &Work,
) -> Result<Bound, EngineError> {
    let pipeline = gpu.pipelines().get(gpu, work.shader, work.flags());
    let inputs: Result<Vec<_>, _> =
        work.reads.iter().map(|read| buffers.input(gpu, read)).collect();
    let inputs = inputs?;
    let mut entries = vec![
        entry(0, uniforms, Some(4 * work.params.len())),
        entry(1, buffers.place(work.write)?, None),
    ];
    entries.extend(inputs.iter().enumerate().map(|(i, buffer)| entry(i as u32 + 2, buffer, None)));
    let group = gpu.device.create_bind_group(&wgpu::BindGroupDescriptor {
        label: Some(&work.node),
        layout: &pipeline.layout,
        entries: &entries,
    });
    let has_step = work.shader.has_step();
    let (groups, flops) = (work.groups, work.flops);
    Ok(Bound { pipeline: pipeline.pipeline, group, params, has_step, groups, flops })
}

/// One buffer with the uniforms of all works, each at a multiple of the alignment.
fn uniforms(gpu: &Gpu, works: &[&Work]) -> wgpu::Buffer {
    let mut words: Vec<u32> = Vec::new();
    for work in works {
        words.extend(&work.params);
        words.resize(words.len().next_multiple_of(ALIGNMENT / 4), 0);
    }
    let buffer = uniform_buffer(gpu, "uniforms", 4 * words.len() as u64);
    gpu.queue.write_buffer(&buffer, 0, bytemuck::cast_slice(&words));
    buffer
}

fn uniform_buffer(gpu: &Gpu, label: &str, size: u64) -> wgpu::Buffer {
    gpu.device.create_buffer(&wgpu::BufferDescriptor {
        label: Some(label),
        size: size.max(ALIGNMENT as u64),
        usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
        mapped_at_creation: false,
    })
}

fn entry(binding: u32, buffer: &wgpu::Buffer, size: Option<usize>) -> wgpu::BindGroupEntry<'_> {
    let size = size.and_then(|size| wgpu::BufferSize::new(size as u64));
    let binding_of = wgpu::BufferBinding { buffer, offset: 0, size };
    wgpu::BindGroupEntry { binding, resource: wgpu::BindingResource::Buffer(binding_of) }
}
